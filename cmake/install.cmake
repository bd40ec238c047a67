# What `cmake --install` puts where: the libraries, their headers, the CMake
# package, the pkg-config files, and the tool. docs/embedding.md and
# docs/c-api.md show the use. All of it is relocatable.
#
# With Abseil, or simdjson and zlib, from source only the C interface and the
# tool are installed: they are complete in themselves, while the C++ library
# would need those.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(cckpi_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cckpi)
file(RELATIVE_PATH CCKPI_PC_PREFIX
  /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" CCKPI_PC_PREFIX "${CCKPI_PC_PREFIX}")
get_target_property(cckpi_type cckpi TYPE)
set(CCKPI_STATIC FALSE)
if(cckpi_type STREQUAL "STATIC_LIBRARY")
  set(CCKPI_STATIC TRUE)
endif()

# Headers of the C++ library include those of Abseil, so Abseil is in its
# Requires; the rest is private to a shared library.
list(TRANSFORM CCKPI_ABSEIL_MODULES PREPEND "absl_" OUTPUT_VARIABLE modules)
list(TRANSFORM modules APPEND " >= 20220623")
list(JOIN modules ", " CCKPI_PC_REQUIRES)
set(CCKPI_PC_PRIVATE "simdjson, zlib")
if(CCKPI_STATIC)
  string(APPEND CCKPI_PC_REQUIRES ", ${CCKPI_PC_PRIVATE}")
  set(CCKPI_PC_PRIVATE "")
endif()

if(cckpi_abseil_installable AND cckpi_io_libraries_installable)
  install(TARGETS cckpi EXPORT cckpiTargets
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(DIRECTORY include/cckpi DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.h")
  if(TARGET cckpi_c_static)
    install(TARGETS cckpi_c_static EXPORT cckpiTargets
      INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
    configure_file(cmake/cckpi-static.pc.in cckpi-static.pc @ONLY)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/cckpi-static.pc
            DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
  endif()
  install(EXPORT cckpiTargets NAMESPACE cckpi:: DESTINATION ${cckpi_cmake_dir})
  configure_file(cmake/cckpi-core.pc.in cckpi-core.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/cckpi-core.pc
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()

if(TARGET cckpi_c)
  install(TARGETS cckpi_c EXPORT cckpiCTargets
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(FILES capi/include/cckpi.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT cckpiCTargets NAMESPACE cckpi:: DESTINATION ${cckpi_cmake_dir})
  configure_file(cmake/cckpi.pc.in cckpi.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/cckpi.pc
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()

if(TARGET cckpi_tool)
  install(TARGETS cckpi_tool)
endif()
# The mappings of known sources, for --map.
install(DIRECTORY mappings DESTINATION ${CMAKE_INSTALL_DATADIR}/cckpi
  FILES_MATCHING PATTERN "*.json")

configure_package_config_file(cmake/cckpiConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/cckpiConfig.cmake
  INSTALL_DESTINATION ${cckpi_cmake_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(
  ${CMAKE_CURRENT_BINARY_DIR}/cckpiConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/cckpiConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/cckpiConfigVersion.cmake
        DESTINATION ${cckpi_cmake_dir})
