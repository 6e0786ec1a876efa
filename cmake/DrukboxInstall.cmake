# What is installed where, in three components: runtime (the shared library), development (what compiling and linking
# against it needs) and program (the command and the service).

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/drukbox")

# The export's name says of which kind a library is, the target's does not.
foreach(target IN ITEMS drukbox drukbox_other)
  if(TARGET ${target})
    get_target_property(kind ${target} TYPE)
    string(REGEX REPLACE "_LIBRARY$" "" kind "${kind}")
    string(TOLOWER "${kind}" kind)
    install(
      TARGETS ${target}
      EXPORT drukbox-${kind}
      LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT runtime NAMELINK_COMPONENT development
      ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development
      INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
    install(
      EXPORT drukbox-${kind}
      FILE drukbox-${kind}-targets.cmake
      NAMESPACE drukbox::
      DESTINATION "${package_dir}"
      COMPONENT development)
    set(has_${kind} TRUE)
  endif()
endforeach()

install(
  DIRECTORY "${PROJECT_SOURCE_DIR}/include/"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  COMPONENT development
  FILES_MATCHING
  PATTERN "*.hpp")

# --- find_package ---

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/packaging/cmake/drukbox-config.cmake.in" "${PROJECT_BINARY_DIR}/packaging/drukbox-config.cmake"
  INSTALL_DESTINATION "${package_dir}"
  NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may change what is public.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/packaging/drukbox-config-version.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(
  FILES "${PROJECT_BINARY_DIR}/packaging/drukbox-config.cmake" "${PROJECT_BINARY_DIR}/packaging/drukbox-config-version.cmake"
  DESTINATION "${package_dir}"
  COMPONENT development)

# --- pkg-config ---

# Relative, so that an installation can be moved.
file(RELATIVE_PATH pc_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" pc_prefix "\${pcfiledir}/${pc_prefix}")
set(pc_private_libs "-lboost_json -pthread")
set(pc_cflags)
set(pc_libs)
set(pc_private_requires Requires.private)
# A Boost where the compiler does not look by itself.
foreach(dir IN LISTS Boost_LIBRARY_DIRS)
  if(NOT dir IN_LIST CMAKE_CXX_IMPLICIT_LINK_DIRECTORIES)
    string(PREPEND pc_private_libs "-L${dir} ")
  endif()
endforeach()
foreach(dir IN LISTS Boost_INCLUDE_DIRS)
  if(NOT dir IN_LIST CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES)
    string(APPEND pc_cflags " -I${dir}")
  endif()
endforeach()
if(NOT has_shared)
  # Nobody asks for --static where there is nothing else.
  set(pc_private_requires Requires)
  set(pc_libs " ${pc_private_libs}")
endif()
configure_file("${PROJECT_SOURCE_DIR}/packaging/pkgconfig/drukbox.pc.in" "${PROJECT_BINARY_DIR}/packaging/drukbox.pc" @ONLY)
install(
  FILES "${PROJECT_BINARY_DIR}/packaging/drukbox.pc"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig"
  COMPONENT development)

# --- the program ---

if(DRUKBOX_BUILD_PROGRAM)
  install(TARGETS drukbox_program RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT program)
  install(TARGETS drukbox-keeper drukbox-guest RUNTIME DESTINATION "${CMAKE_INSTALL_LIBEXECDIR}/drukbox" COMPONENT program)
endif()
