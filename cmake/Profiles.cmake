# The built-in profiles: every scenarios/profiles/*.json becomes a string of sim/scenario, so that an installed command
# needs no files beside it.
file(GLOB profiles CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/scenarios/profiles/*.json)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${profiles})
set(KRAFTSIM_PROFILES "")
foreach(path IN LISTS profiles)
  get_filename_component(name ${path} NAME_WLE)
  file(READ ${path} text)
  string(APPEND KRAFTSIM_PROFILES "      {\"${name}\", R\"profile(${text})profile\"},\n")
endforeach()
configure_file(${PROJECT_SOURCE_DIR}/cmake/built_in_profiles.cpp.in
               ${PROJECT_BINARY_DIR}/generated/built_in_profiles.cpp @ONLY)
target_sources(kraftsim_sim_scenario PRIVATE ${PROJECT_BINARY_DIR}/generated/built_in_profiles.cpp)
