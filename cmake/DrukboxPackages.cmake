# Debian packages, one a component: libdrukbox0, libdrukbox-dev and drukbox. script/package makes them.

set(debian "${PROJECT_SOURCE_DIR}/packaging/debian")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME drukbox)
set(CPACK_PACKAGE_CONTACT "The drukbox authors <drukbox@example.org>")
# The first line of every description; the components say the rest.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "sandbox machines on demand, reached over SSH")
set(CPACK_PACKAGING_INSTALL_PREFIX "${CMAKE_INSTALL_PREFIX}")
set(CPACK_COMPONENTS_ALL runtime development program)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ
                                                WORLD_EXECUTE)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(library libdrukbox${PROJECT_VERSION_MAJOR})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME ${library})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION
    "The client library for C++20: it asks a drukbox service for sandbox machines
and hands out where to reach them.")

# Types of Asio are part of the interface: the very Boost that the library was built with.
set(boost_dev "libboost${Boost_VERSION_MAJOR}.${Boost_VERSION_MINOR}-dev")
set(boost_json_dev "libboost-json${Boost_VERSION_MAJOR}.${Boost_VERSION_MINOR}-dev")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libdrukbox-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "${library} (= ${PROJECT_VERSION}-1), ${boost_dev}, ${boost_json_dev}, libcurl4-openssl-dev | libcurl4-gnutls-dev | libcurl-dev")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
    "What programs need to be built with the client library: its headers, the
static library, and what CMake and pkg-config need to find them.")

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME drukbox)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS "adduser, openssh-client")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "bubblewrap, uidmap, openssh-server, slirp4netns, ca-certificates")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_CONTROL_EXTRA "${debian}/postinst;${debian}/prerm;${debian}/postrm")
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION
    "The service that makes sandbox machines, keeps their leases and tears them
down, and the command to ask for them. Its local provider makes sandboxes out
of this machine, with bubblewrap and OpenSSH.")

# What Debian wants to find in every package.
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER ${component} name)
  install(
    FILES "${PROJECT_SOURCE_DIR}/LICENSE"
    DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/${CPACK_DEBIAN_${name}_PACKAGE_NAME}"
    RENAME copyright
    COMPONENT ${component})
endforeach()

include(CPack)
