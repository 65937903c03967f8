// Real test material that lives beside the checkout (../shared/corpora) and is never copied into it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>

namespace sightline::testing {

// The folder of the corpora; it need not exist. SIGHTLINE_CORPORA overrides the place.
inline std::filesystem::path corpora() {
  if (const char* given = std::getenv("SIGHTLINE_CORPORA")) return given;
  return std::filesystem::path(SIGHTLINE_SOURCE_DIR).parent_path() / "shared" / "corpora";
}

}  // namespace sightline::testing

// Skips the test, saying so, where the corpora are absent.
#define SIGHTLINE_NEEDS_CORPUS(relative)                                      \
  if (!std::filesystem::exists(::sightline::testing::corpora() / (relative))) \
  GTEST_SKIP() << "the corpus " << (relative) << " is not beside this checkout"
