# SIGHTLINE_SANITIZE names the sanitizers of every target in the build (presets asan, tsan, fuzz).
if(SIGHTLINE_SANITIZE)
  add_compile_options(-fsanitize=${SIGHTLINE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SIGHTLINE_SANITIZE})
endif()
if(SIGHTLINE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
