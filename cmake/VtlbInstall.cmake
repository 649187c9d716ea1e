# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# cmake --install: libraries, headers, command, manual page, and what lets
# pkg-config and find_package(vtlb) find them.
include(CMakePackageConfigHelpers)
set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/vtlb)

install(TARGETS vtlb_static vtlb_shared EXPORT vtlbTargets)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/vtlb DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
	FILES_MATCHING PATTERN "*.h")
install(EXPORT vtlbTargets NAMESPACE vtlb:: DESTINATION ${config_dir})
foreach(scope ${vtlb_scopes})
	install(FILES ${vtlb_scope_dir}/${scope}.scope DESTINATION ${CMAKE_INSTALL_DATADIR}/vtlb/scopes)
endforeach()
if(TARGET vtlb-mpi)
	install(TARGETS vtlb-mpi)
endif()
if(TARGET vtlb_kernel_kit)
	install(DIRECTORY ${PROJECT_BINARY_DIR}/share/vtlb/kernel ${PROJECT_BINARY_DIR}/share/vtlb/traces
		DESTINATION ${CMAKE_INSTALL_DATADIR}/vtlb USE_SOURCE_PERMISSIONS)
endif()
if(TARGET vtlb)
	install(TARGETS vtlb)
	install(FILES ${PROJECT_SOURCE_DIR}/docs/vtlb.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/LICENSES DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${PROJECT_SOURCE_DIR}/COPYING DESTINATION ${CMAKE_INSTALL_DOCDIR})

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/vtlbConfig.cmake.in
	${PROJECT_BINARY_DIR}/vtlbConfig.cmake INSTALL_DESTINATION ${config_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/vtlbConfigVersion.cmake
	COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/vtlbConfig.cmake ${PROJECT_BINARY_DIR}/vtlbConfigVersion.cmake
	DESTINATION ${config_dir})

# An installed tree may be moved, so vtlb.pc finds its prefix from where it lies.
file(RELATIVE_PATH pc_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(${PROJECT_SOURCE_DIR}/cmake/vtlb.pc.in ${PROJECT_BINARY_DIR}/vtlb.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/vtlb.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
