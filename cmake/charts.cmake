# The library that draws the charts of HTML reports, Apache ECharts, which the
# tool has inside. CCKPI_ECHARTS is the folder with echarts.min.js and
# notice.txt, or what scripts/fetch_echarts.sh fetches from npm. Without it the
# tool is built all the same, and says so when asked for HTML.

option(CCKPI_HTML_CHARTS "Put the chart library into the tool" ON)
set(CCKPI_ECHARTS "" CACHE PATH
    "Folder with echarts.min.js and notice.txt; empty: fetch it")

set(cckpi_echarts "")
if(CCKPI_HTML_CHARTS)
  set(cckpi_echarts "${CCKPI_ECHARTS}")
  if(NOT cckpi_echarts)
    execute_process(
      COMMAND ${CMAKE_CURRENT_LIST_DIR}/../scripts/fetch_echarts.sh
      OUTPUT_VARIABLE cckpi_echarts OUTPUT_STRIP_TRAILING_WHITESPACE
      RESULT_VARIABLE cckpi_echarts_result)
    if(NOT cckpi_echarts_result EQUAL 0)
      set(cckpi_echarts "")
    endif()
  endif()
  foreach(file echarts.min.js notice.txt)
    if(cckpi_echarts AND NOT EXISTS "${cckpi_echarts}/${file}")
      message(FATAL_ERROR "CCKPI_ECHARTS: ${cckpi_echarts} has no ${file}")
    endif()
  endforeach()
  if(cckpi_echarts)
    message(STATUS "Chart library: ${cckpi_echarts}")
  else()
    message(WARNING "The chart library could not be fetched: this cckpi "
      "cannot write HTML reports. Install npm, set CCKPI_ECHARTS to a folder "
      "with echarts.min.js and notice.txt, or set CCKPI_HTML_CHARTS=OFF")
  endif()
endif()
