# generated/kraftsim_version.hpp: what `kraftsim version` and every result object say about the build. Only
# sim/scenario and sim/cli may include it, so that a new commit recompiles two rooms and no more.
set(KRAFTSIM_COMMIT unknown)
set(git git -c safe.directory=${PROJECT_SOURCE_DIR} -C ${PROJECT_SOURCE_DIR})
execute_process(COMMAND ${git} rev-parse --show-toplevel
  OUTPUT_VARIABLE top OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(top STREQUAL PROJECT_SOURCE_DIR)
  execute_process(COMMAND ${git} rev-parse --short=12 --verify HEAD
    RESULT_VARIABLE failed OUTPUT_VARIABLE head OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT failed)
    set(KRAFTSIM_COMMIT ${head})
  endif()
  # A new commit configures again.
  execute_process(COMMAND ${git} rev-parse --git-path logs/HEAD
    OUTPUT_VARIABLE log OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  get_filename_component(log "${log}" ABSOLUTE BASE_DIR ${PROJECT_SOURCE_DIR})
  if(EXISTS "${log}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${log}")
  endif()
endif()
configure_file(${PROJECT_SOURCE_DIR}/cmake/kraftsim_version.hpp.in
               ${PROJECT_BINARY_DIR}/generated/kraftsim_version.hpp @ONLY)
add_library(kraftsim_version INTERFACE)
target_include_directories(kraftsim_version INTERFACE ${PROJECT_BINARY_DIR}/generated)
