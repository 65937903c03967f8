// Opens and closes a file again and again, as fast as it goes: audit_flood FILE TIMES.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "audit_flood FILE TIMES\n");
    return 2;
  }
  for (long left = std::atol(argv[2]); left > 0; --left) {
    const int file = ::open(argv[1], O_RDONLY | O_CLOEXEC);
    if (file < 0) return 1;
    ::close(file);
  }
  return 0;
}
