# How every target of this project is compiled: language, warnings, sanitizers, ccache, precompiled headers.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# One flag for libraries and programs alike, or they could not share a precompiled header.
add_compile_options(-fPIC)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

if(PROJECT_IS_TOP_LEVEL)
  # Nothing here is made faster by -O3, CMake's default for Release.
  set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG" CACHE STRING "" FORCE)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  find_program(CCACHE_PROGRAM ccache)
  if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # A precompiled header is part of what ccache hashes only with this sloppiness; paths below the checkout
    # are made relative, so that two checkouts share the cache.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime"
        "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" "CCACHE_NOHASHDIR=1" ${CCACHE_PROGRAM})
  endif()
endif()

add_library(drukbox_build INTERFACE)
target_compile_options(drukbox_build INTERFACE -Wall -Wextra -Wnon-virtual-dtor -Woverloaded-virtual)
if(DRUKBOX_WERROR)
  target_compile_options(drukbox_build INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # ccache sees through a precompiled header only with this.
  target_compile_options(drukbox_build INTERFACE -fpch-preprocess)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # False alarms of GCC 12: about inlined std::string (GCC bugs 105651, 105329), and about the coroutine frames of
    # Asio, whose operator new and delete it does not match when only one of them is inlined. clang and GCC 13 check
    # the same code with these warnings on.
    target_compile_options(drukbox_build INTERFACE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow
                                                   -Wno-stringop-overread -Wno-mismatched-new-delete)
  endif()
else()
  # ccache refuses a clang precompiled header that holds timestamps.
  target_compile_options(drukbox_build INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()
if(DRUKBOX_SANITIZE)
  target_compile_options(drukbox_build INTERFACE -fsanitize=${DRUKBOX_SANITIZE} -fno-omit-frame-pointer -O1 -g1)
  target_link_options(drukbox_build INTERFACE -fsanitize=${DRUKBOX_SANITIZE})
  if(DRUKBOX_SANITIZE MATCHES "undefined")
    # The vptr check needs typeinfo that SOCI's shared library does not export.
    target_compile_options(drukbox_build INTERFACE -fno-sanitize-recover=undefined -fno-sanitize=vptr)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # With sanitizers GCC takes storage of Asio and Beast for uninitialised ("may emit additional warnings", its manual
    # says). The release build judges the same code with this warning on.
    target_compile_options(drukbox_build INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
target_compile_definitions(drukbox_build INTERFACE BOOST_ASIO_NO_DEPRECATED)
target_include_directories(drukbox_build INTERFACE "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/src")
target_link_libraries(drukbox_build INTERFACE Threads::Threads Boost::headers Boost::json)

# The one precompiled header: Asio, Beast and Boost.JSON are most of what a translation unit costs here.
function(drukbox_precompile target)
  if(NOT TARGET drukbox_pch)
    # Not written anew when nothing changed, or every configuration would build it again.
    file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/drukbox_pch.cpp" CONTENT "")
    add_library(drukbox_pch OBJECT "${PROJECT_BINARY_DIR}/drukbox_pch.cpp")
    target_link_libraries(drukbox_pch PRIVATE drukbox_build)
    target_precompile_headers(drukbox_pch PRIVATE "${PROJECT_SOURCE_DIR}/cmake/precompiled.hpp")
  endif()
  target_precompile_headers(${target} REUSE_FROM drukbox_pch)
endfunction()

# A small static program that needs nothing of the machine it runs on. Static and sanitizers do not mix, so
# these are built without, whatever the preset.
function(drukbox_static_program target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wnon-virtual-dtor -Woverloaded-virtual -ffunction-sections
                                           -fdata-sections -fPIE)
  if(DRUKBOX_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/src")
  target_link_options(${target} PRIVATE -static-pie -Wl,--gc-sections -Wl,-z,relro -Wl,-z,now)
endfunction()
