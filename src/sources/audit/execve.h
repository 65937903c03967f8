// The arguments of a started program, put together from its EXECVE records.
//
// A long list of arguments is spread over several records (argc only in the first), and a long argument over several
// fields: `a1_len=12000 a1[0]=… a1[1]=…`.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "sources/audit/record.h"

namespace sightline::audit {

class ArgumentList {
 public:
  void clear();

  // One EXECVE record's fields. Fields that are none of argc, aN, aN_len and aN[M] go to `rest`.
  void add(const Field* begin, const Field* end, std::vector<Field>& rest);

  // The arguments in order, decoded; texts live in `arena` or point into the records. Valid until clear().
  const std::vector<std::string_view>& join(Arena& arena);

  // Whether parts are missing: an index below argc, a piece of a long argument, or argc itself.
  // Meaningful after join().
  bool incomplete() const { return incomplete_; }
  std::optional<std::uint64_t> count() const { return count_; }

 private:
  struct Piece {
    std::uint64_t index = 0;
    std::uint64_t part = 0;
    Field field;
  };
  struct Length {
    std::uint64_t index = 0;
    std::uint64_t size = 0;  // of the encoded text
  };

  bool add_argument(const Field& field);
  bool add_part(std::uint64_t index, std::string_view rest, const Field& field);
  std::string_view join_pieces(const Piece* begin, const Piece* end, Arena& arena);

  std::vector<Piece> pieces_;
  std::vector<Length> lengths_;
  std::vector<std::string_view> arguments_;
  std::optional<std::uint64_t> count_;
  bool incomplete_ = false;
};

}  // namespace sightline::audit
