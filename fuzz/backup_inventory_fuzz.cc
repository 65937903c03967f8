// Inventories of backups: any bytes, and any lines under a checksum that fits. What is read must be written the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "server/backup/inventory.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sightline;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  (void)backup::parse_inventory(bytes);
  std::string text = "sightline backup 1\n" + bytes + "\n";
  text += "end " + to_hex(sha256(text)) + "\n";
  const auto inventory = backup::parse_inventory(text);
  if (!inventory) return 0;
  for (const backup::Entry& entry : inventory->entries) {
    if (!backup::is_safe_path(entry.path)) std::abort();
  }
  const auto again = backup::parse_inventory(to_text(*inventory));
  if (!again || to_text(*again) != to_text(*inventory)) std::abort();
  return 0;
}
