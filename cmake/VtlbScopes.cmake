# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The scopes that ship, in the order in which 'vtlb list scopes' names them, and
# how their texts get into the command: it needs no file to search one.
set(vtlb_scopes
	tiny
	default
	pairs
	modes
	upper
	smp
	links
	deep
	rights
	neighbours
	zap
	default-pcid
	default-leaf
	default-global
	modes-wp
	modes-smap
	modes-nxe
	modes-pg
	upper-link
	smp-pcid
)
set(vtlb_scope_dir ${PROJECT_SOURCE_DIR}/scopes)

# vtlb_embed_scopes(OUTPUT): a C file with every scope's name and text
function(vtlb_embed_scopes output)
	list(TRANSFORM vtlb_scopes APPEND .scope OUTPUT_VARIABLE files)
	list(TRANSFORM files PREPEND ${vtlb_scope_dir}/)
	set(script ${PROJECT_SOURCE_DIR}/cmake/EmbedScopes.cmake)
	add_custom_command(OUTPUT ${output}
		COMMAND ${CMAKE_COMMAND} -D output=${output} -D "files=${files}" -P ${script}
		DEPENDS ${files} ${script} VERBATIM)
endfunction()
