# cckpi_embed(TARGET HEADER NAME=FILE...): compiles the text of files into a
# target, behind functions that HEADER declares.

function(cckpi_embed target header)
  get_filename_component(name ${header} NAME_WE)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded/${name}.cc)
  set(files)
  foreach(entry IN LISTS ARGN)
    string(REGEX REPLACE "^[^=]+=" "" file "${entry}")
    list(APPEND files "${file}")
  endforeach()
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DHEADER=${header}
            "-DFILES=${ARGN}" -P ${cckpi_embed_script}
    DEPENDS ${files} ${cckpi_embed_script}
    COMMENT "Embedding ${header}" VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()

set(cckpi_embed_script ${CMAKE_CURRENT_LIST_DIR}/embed_text.cmake)
