# Rooms: one folder, one library; one test folder, one test program. Sources are found by globbing, so that adding a
# file needs no edit here; a folder that is still empty configures too.

# "core/raft" -> kraftsim_core_raft
function(kraftsim_target_names out)
  set(names)
  foreach(dir IN LISTS ARGN)
    string(REPLACE "/" "_" name "${dir}")
    list(APPEND names "kraftsim_${name}")
  endforeach()
  set(${out} ${names} PARENT_SCOPE)
endfunction()

# kraftsim_room(<dir> [SEPARATE] [DEPENDS <room>...] [LIBS <target>...])
#
# The library of one room, from every .cpp below <dir> but main.cpp. Includes are written from the repository's root.
# With KRAFTSIM_UNITY a room is compiled a dozen files at a time, which takes 40 % of the time and lets the compiler
# inline across them; SEPARATE is for rooms whose files use the same names, and KRAFTSIM_SEPARATE names rooms that are
# changed again and again (tools/mutants).
function(kraftsim_room dir)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "SEPARATE" "" "DEPENDS;LIBS")
  kraftsim_target_names(target ${dir})
  kraftsim_target_names(depends ${ARG_DEPENDS})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${dir}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    if(KRAFTSIM_UNITY AND NOT ARG_SEPARATE AND NOT dir IN_LIST KRAFTSIM_SEPARATE)
      set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
    endif()
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${target} ${scope} ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} ${scope} ${depends} ${ARG_LIBS})
endfunction()

# kraftsim_tests(<dir> [LABELS <label>...] [ROOMS <room>...] [TIMEOUT <seconds>] [EACH_CASE])
#
# tests/<dir>/*.cpp become the doctest program test_<dir>, linked with the room of the same name unless ROOMS says
# otherwise, and one ctest test, or with EACH_CASE one per TEST_CASE. It runs in the repository's root.
function(kraftsim_tests dir)
  if(NOT KRAFTSIM_TESTS)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 ARG "EACH_CASE" "TIMEOUT" "LABELS;ROOMS")
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${dir}/*.cpp)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  if(NOT tests)
    return()
  endif()
  if(NOT ARG_ROOMS)
    set(ARG_ROOMS ${dir})
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  kraftsim_target_names(rooms ${ARG_ROOMS})
  string(REPLACE "/" "_" name "test_${dir}")
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${rooms} kraftsim_test_main rapidcheck)
  set(names ${dir})
  if(ARG_EACH_CASE)
    set(names)
    foreach(source IN LISTS tests)
      file(STRINGS ${source} cases REGEX "^TEST_CASE\\(")
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
      foreach(case IN LISTS cases)
        string(REGEX REPLACE "^TEST_CASE\\(\"(.*)\"\\).*" "\\1" case "${case}")
        add_test(NAME "${dir}/${case}" COMMAND ${name} "-tc=${case}" WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
        list(APPEND names "${dir}/${case}")
      endforeach()
    endforeach()
  else()
    add_test(NAME ${dir} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  endif()
  set_tests_properties(${names} PROPERTIES
    LABELS "${ARG_LABELS}"
    TIMEOUT ${ARG_TIMEOUT}
    ENVIRONMENT "KRAFTSIM_BIN=${KRAFTSIM_BIN}")
endfunction()

# kraftsim_programs(<folder> PREFIX <prefix> [LIBS <target>...] [OPTIONS <flag>...])
#
# One program per .cpp of a folder, linked with every room: benchmarks and fuzz targets.
function(kraftsim_programs folder)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "PREFIX" "LIBS;OPTIONS")
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
  foreach(source IN LISTS sources)
    get_filename_component(name ${source} NAME_WE)
    set(name ${ARG_PREFIX}_${name})
    add_executable(${name} ${source})
    target_link_libraries(${name} PRIVATE kraftsim_sim_report ${ARG_LIBS})
    target_link_options(${name} PRIVATE ${ARG_OPTIONS})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/${folder})
  endforeach()
endfunction()
