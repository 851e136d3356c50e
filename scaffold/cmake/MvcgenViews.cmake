# mvcgen_add_views(TARGET DIR [SYMBOL NAME] [PROGRAM PROGRAM])
#
# Compiles the templates of DIR (relative to the calling CMakeLists.txt) to C
# when TARGET is built, and adds them to it.  NAME is the C name under which the
# program finds them, `views` unless given.  A changed, new or removed template
# makes them anew.
function(mvcgen_add_views target dir)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "SYMBOL;PROGRAM" "")
    if(NOT arg_SYMBOL)
        set(arg_SYMBOL views)
    endif()
    if(NOT arg_PROGRAM)
        set(arg_PROGRAM mvcgen::mvcgen)
    endif()
    get_filename_component(views ${dir} ABSOLUTE)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/${target}-${arg_SYMBOL}.c)
    file(GLOB_RECURSE templates CONFIGURE_DEPENDS ${views}/*.ejs)
    # A template that goes changes this list, which is all that tells of it.
    file(CONFIGURE OUTPUT ${output}.list CONTENT "${templates}\n")
    add_custom_command(
        OUTPUT ${output}
        COMMAND ${arg_PROGRAM} compile ${views} -o ${output}
            --symbol ${arg_SYMBOL}
        DEPENDS ${arg_PROGRAM} ${templates} ${output}.list
        COMMENT "Compiling the views of ${target}"
        VERBATIM)
    target_sources(${target} PRIVATE ${output})
    target_link_libraries(${target} PRIVATE mvcgen::ejs)
endfunction()
