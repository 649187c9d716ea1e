# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Compiler flags, as two interface targets: what every file gets, and what only
# hosted (not freestanding) files get.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)

add_library(vtlb_warnings INTERFACE)
target_compile_options(vtlb_warnings INTERFACE
	-Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wmissing-prototypes
	-Wstrict-prototypes -Wold-style-definition -Wvla -Wundef -Wcast-qual
	-Wpointer-arith -Wwrite-strings -Wformat=2 $<$<BOOL:${VTLB_WERROR}>:-Werror>)

add_library(vtlb_flags INTERFACE)
target_link_libraries(vtlb_flags INTERFACE vtlb_warnings)
if(VTLB_SANITIZE)
	target_compile_options(vtlb_flags INTERFACE -fsanitize=${VTLB_SANITIZE}
		-fno-sanitize-recover=all -fno-omit-frame-pointer)
	target_link_options(vtlb_flags INTERFACE -fsanitize=${VTLB_SANITIZE})
endif()
if(VTLB_COVERAGE)
	target_compile_options(vtlb_flags INTERFACE --coverage)
	target_link_options(vtlb_flags INTERFACE --coverage)
endif()
if(VTLB_MUTATION)
	target_compile_definitions(vtlb_flags INTERFACE VTLB_MUTATION)
endif()
if(VTLB_FUZZERS)
	# Coverage feedback for all code; the engine itself is linked to the targets only.
	target_compile_options(vtlb_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
