# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# cmake -D output=FILE.c -D files=... -P: texts as arrays of numbers, because a
# C compiler need not take a string literal of more than 4095 characters.
set(arrays "")
set(table "")
set(n 0)
foreach(file ${files})
	cmake_path(GET file STEM name)
	file(READ ${file} hex HEX)
	string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
	string(REGEX REPLACE "(.....,?.....,?.....,?.....,?.....,?.....,?.....,?.....,?)" "\\1\n\t" bytes "${bytes}")
	string(APPEND arrays "static const char text${n}[] = {\n\t${bytes}0\n};\n\n")
	string(APPEND table "\t{ \"${name}\", text${n} },\n")
	math(EXPR n "${n} + 1")
endforeach()
file(WRITE ${output}
	"/* Made from scopes/ by cmake/EmbedScopes.cmake. */\n"
	"#include \"scopes.h\"\n\n"
	"${arrays}"
	"const struct scope_file scope_files[] = {\n${table}};\n"
	"const unsigned int scope_files_n = ${n};\n")
