# Builds the consumer in an empty BUILD_DIR with what HOW names (find_package, pkg_config, add_subdirectory) against the
# library of KIND (static, shared), runs it, and checks that it has the library it was to have.
cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE "${BUILD_DIR}")
file(MAKE_DIRECTORY "${BUILD_DIR}")
set(program "${BUILD_DIR}/consumer")

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# Words of pkg-config's as a list.
function(pkg_config result)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env "PKG_CONFIG_PATH=${BUILD_DIR}:${pc_dir}" pkg-config ${ARGN} drukbox
    OUTPUT_VARIABLE words OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(words)
  set(${result} "${words}" PARENT_SCOPE)
endfunction()

set(arguments -S "${SOURCE}" -B "${BUILD_DIR}" -G Ninja -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_BUILD_TYPE=Debug
              -DCMAKE_CXX_FLAGS_DEBUG=-O0)
if(LAUNCHER)
  # As the build itself has it.
  set(ENV{CCACHE_SLOPPINESS} pch_defines,time_macros,include_file_mtime,include_file_ctime)
  set(ENV{CCACHE_BASEDIR} "${DRUKBOX_SOURCE}")
  set(ENV{CCACHE_NOHASHDIR} 1)
  list(APPEND arguments -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER})
endif()
if(HOW STREQUAL "find_package")
  run(${CMAKE_COMMAND} ${arguments} -DCMAKE_PREFIX_PATH=${PREFIX} -DDRUKBOX_VERSION=${VERSION} -DDRUKBOX_KIND=${KIND})
  run(${CMAKE_COMMAND} --build "${BUILD_DIR}")
elseif(HOW STREQUAL "add_subdirectory")
  run(${CMAKE_COMMAND} ${arguments} -DDRUKBOX_SOURCE=${DRUKBOX_SOURCE})
  run(${CMAKE_COMMAND} --build "${BUILD_DIR}")
else()
  file(GLOB_RECURSE pc "${PREFIX}/*/drukbox.pc")
  cmake_path(GET pc PARENT_PATH pc_dir)
  pkg_config(version --modversion)
  if(NOT version VERSION_EQUAL VERSION)
    message(FATAL_ERROR "drukbox.pc is of version ${version}")
  endif()
  pkg_config(cflags --cflags)
  if(KIND STREQUAL "static")
    # For a libcurl that is shared: a static one would need the development packages of all that it is made of.
    file(WRITE "${BUILD_DIR}/libcurl.pc" "Name: libcurl\nDescription: shared\nVersion: 7.88.1\nLibs: -lcurl\n")
    pkg_config(libs --libs --static)
    # The linker takes the shared library where both are, unless it is told.
    list(TRANSFORM libs REPLACE "^-ldrukbox$" "-l:libdrukbox.a")
  else()
    pkg_config(libs --libs)
  endif()
  run(${COMPILER} -std=c++20 ${cflags} "${SOURCE}/main.cpp" ${libs} -o "${program}")
endif()

file(GLOB_RECURSE libraries "${PREFIX}/*/libdrukbox.so")
cmake_path(GET libraries PARENT_PATH library_dir)
execute_process(
  COMMAND ${CMAKE_COMMAND} -E env "LD_LIBRARY_PATH=${library_dir}" "${program}"
  OUTPUT_VARIABLE said OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
if(NOT said STREQUAL "drukbox ${VERSION}: list_hosts failed")
  message(FATAL_ERROR "the consumer says: ${said}")
endif()

if(HOW STREQUAL "find_package")
  execute_process(COMMAND ${CMAKE_COMMAND} -E env "LD_LIBRARY_PATH=${library_dir}" "${BUILD_DIR}/consumer_test"
                          COMMAND_ERROR_IS_FATAL ANY)
endif()

execute_process(COMMAND readelf --dynamic --wide "${program}" OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
set(linked static)
if(dynamic MATCHES "NEEDED[^\n]*libdrukbox\\.so\\.0")
  set(linked shared)
endif()
if(NOT linked STREQUAL KIND)
  message(FATAL_ERROR "the consumer is linked to the ${linked} library")
endif()
if(linked STREQUAL "shared" AND dynamic MATCHES "NEEDED[^\n]*(libcurl|libboost_json)")
  message(FATAL_ERROR "the consumer is linked to what is the library's own business:\n${dynamic}")
endif()
message("${said}")
