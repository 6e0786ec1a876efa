"""The recipe of the tree that it lies in: conan create packaging/conan"""

import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rmdir

required_conan_version = ">=2.0"


class DrukboxConan(ConanFile):
    name = "drukbox"
    description = "Async C++20 client library for the drukbox host API: sandbox machines on demand, reached over SSH"
    license = "MIT"
    topics = ("sandbox", "ssh", "asio")
    package_type = "library"
    settings = "os", "compiler", "build_type", "arch"
    options = {"shared": [True, False], "fPIC": [True, False], "testing": [True, False]}
    default_options = {"shared": False, "fPIC": True, "testing": False}
    implements = ["auto_shared_fpic"]

    def _tree(self):
        return os.path.join(self.recipe_folder, os.pardir, os.pardir)

    def set_version(self):
        header = load(self, os.path.join(self._tree(), "include", "drukbox", "version.hpp"))
        self.version = re.search(r'DRUKBOX_VERSION_STRING "(.*)"', header)[1]

    def export(self):
        copy(self, "LICENSE", self._tree(), self.export_folder)

    def export_sources(self):
        for pattern in ("CMakeLists.txt", "LICENSE", "cmake/*", "include/*", "packaging/*", "src/*"):
            copy(self, pattern, self._tree(), self.export_sources_folder)

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        # Their types are part of the library's interface.
        self.requires("boost/[>=1.81]", transitive_headers=True)
        self.requires("libcurl/[>=7.88]")

    def validate(self):
        check_min_cppstd(self, 20)

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["DRUKBOX_BUILD_PROGRAM"] = False
        toolchain.cache_variables["DRUKBOX_BUILD_TESTS"] = False
        toolchain.cache_variables["DRUKBOX_BUILD_EXAMPLES"] = False
        toolchain.cache_variables["DRUKBOX_BOTH_LIBRARIES"] = False
        toolchain.cache_variables["DRUKBOX_BUILD_TESTING_LIBRARY"] = bool(self.options.testing)
        toolchain.generate()
        CMakeDeps(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        CMake(self).install()
        # CMakeDeps makes its own.
        rmdir(self, os.path.join(self.package_folder, "lib", "cmake"))
        rmdir(self, os.path.join(self.package_folder, "lib", "pkgconfig"))
        rmdir(self, os.path.join(self.package_folder, "share"))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "drukbox")
        library = self.cpp_info.components["drukbox"]
        library.set_property("cmake_target_name", "drukbox::drukbox")
        library.set_property("pkg_config_name", "drukbox")
        library.libs = ["drukbox"]
        library.system_libs = ["pthread"]
        library.requires = ["boost::headers", "boost::json", "libcurl::libcurl"]
        if self.options.testing:
            testing = self.cpp_info.components["testing"]
            testing.set_property("cmake_target_name", "drukbox::testing")
            testing.libs = ["drukbox_testing"]
            testing.requires = ["drukbox", "boost::headers", "boost::json"]
