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

# Static only, and exported by itself: few programs ask for it.
set(without_testing PATTERN testing EXCLUDE)
if(TARGET drukbox_testing)
  install(
    TARGETS drukbox_testing
    EXPORT drukbox-testing
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development
    INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
  install(
    EXPORT drukbox-testing
    FILE drukbox-testing-targets.cmake
    NAMESPACE drukbox::
    DESTINATION "${package_dir}"
    COMPONENT development)
  set(without_testing)
endif()

install(
  DIRECTORY "${PROJECT_SOURCE_DIR}/include/"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  COMPONENT development
  FILES_MATCHING
  PATTERN "*.hpp" ${without_testing})

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

  # Of what the page at /docs is made of.
  install(
    DIRECTORY "${PROJECT_SOURCE_DIR}/third_party/swagger-ui"
    DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/drukbox"
    COMPONENT program
    FILES_MATCHING
    PATTERN LICENSE
    PATTERN NOTICE
    PATTERN "*.LICENSE.txt")

  # Manual pages and completions are the program's own word, so that they are always true to it.
  find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)
  set(made "${PROJECT_BINARY_DIR}/packaging")
  file(GLOB page_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/packaging/man/*" "${PROJECT_SOURCE_DIR}/docs/*.md")
  add_custom_command(
    OUTPUT "${made}/man/drukbox.1.gz" "${made}/man/drukbox-serve.8.gz"
    COMMAND ${Python3_EXECUTABLE} "${PROJECT_SOURCE_DIR}/packaging/man/make_pages.py" $<TARGET_FILE:drukbox_program>
            ${PROJECT_VERSION} "${made}/man"
    DEPENDS drukbox_program ${page_sources}
    VERBATIM)
  set(completions bash/drukbox zsh/_drukbox fish/drukbox.fish)
  foreach(file IN LISTS completions)
    cmake_path(GET file PARENT_PATH shell)
    file(MAKE_DIRECTORY "${made}/completion/${shell}")
    add_custom_command(
      OUTPUT "${made}/completion/${file}"
      COMMAND drukbox_program completion ${shell} > "${made}/completion/${file}"
      DEPENDS drukbox_program
      VERBATIM)
  endforeach()
  list(TRANSFORM completions PREPEND "${made}/completion/" OUTPUT_VARIABLE completion_files)
  add_custom_target(drukbox_pages ALL DEPENDS "${made}/man/drukbox.1.gz" "${made}/man/drukbox-serve.8.gz" ${completion_files})

  configure_file("${PROJECT_SOURCE_DIR}/packaging/systemd/drukbox.service.in" "${made}/drukbox.service" @ONLY)

  function(install_file file destination)
    install(FILES "${file}" DESTINATION "${destination}" COMPONENT program)
  endfunction()
  install_file("${made}/man/drukbox.1.gz" "${CMAKE_INSTALL_MANDIR}/man1")
  install_file("${made}/man/drukbox-serve.8.gz" "${CMAKE_INSTALL_MANDIR}/man8")
  install_file("${made}/completion/bash/drukbox" "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")
  install_file("${made}/completion/zsh/_drukbox" "${CMAKE_INSTALL_DATADIR}/zsh/site-functions")
  install_file("${made}/completion/fish/drukbox.fish" "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
  install_file("${made}/drukbox.service" lib/systemd/system)
  install_file("${PROJECT_SOURCE_DIR}/packaging/systemd/drukbox.env" "${CMAKE_INSTALL_DATADIR}/drukbox")
  install_file("${PROJECT_SOURCE_DIR}/packaging/apparmor/drukbox-bwrap" "${CMAKE_INSTALL_DATADIR}/drukbox/apparmor")
endif()

include(DrukboxPackages)
