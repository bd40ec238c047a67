# Files of a target are compiled several at a time, which takes half the time or
# less: CCKPI_UNITY_BUILD, for all but developers, who would compile such a batch
# again after each change. What two files hide from others must not have the same
# name, for which there are the tests house.one_file_*; that each file includes
# what it uses of the project is for house.includes.

set(cckpi_unity_by_default ON)
if(CCKPI_DEVELOPER_MODE)
  set(cckpi_unity_by_default OFF)
endif()
option(CCKPI_UNITY_BUILD "Compile several files at a time"
       ${cckpi_unity_by_default})

# To the rest of a batch, what a file hides from others is no mistake to see.
set(cckpi_unity_no_warnings
    "-Wno-shadow;$<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>")

function(cckpi_unity target)
  set_target_properties(${target} PROPERTIES
    UNITY_BUILD ${CCKPI_UNITY_BUILD}
    UNITY_BUILD_BATCH_SIZE 16)
endfunction()
