# mvcgen_add_views(TARGET DIR [SYMBOL NAME] [PROGRAM PROGRAM])
#
# Compiles the templates of DIR (relative to the calling CMakeLists.txt) to C
# when TARGET is built, and adds them to it.  NAME is the C name under which the
# program finds them, `views` unless given.  Each template is a file of its own:
# a changed one is compiled again, the others are left as they are.
function(mvcgen_add_views target dir)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "SYMBOL;PROGRAM" "OPTIONS")
    if(NOT arg_SYMBOL)
        set(arg_SYMBOL views)
    endif()
    if(NOT arg_PROGRAM)
        set(arg_PROGRAM mvcgen::mvcgen)
    endif()
    get_filename_component(views ${dir} ABSOLUTE)
    set(folder ${CMAKE_CURRENT_BINARY_DIR}/${target}-${arg_SYMBOL})
    set(output ${folder}.c)
    file(GLOB_RECURSE templates CONFIGURE_DEPENDS ${views}/*.ejs)
    set(units "")
    foreach(template IN LISTS templates)
        file(RELATIVE_PATH name ${views} ${template})
        if(NOT name MATCHES "(^|/)[.]") # hidden ones are no views
            list(APPEND units ${folder}/${name}.c)
        endif()
    endforeach()
    # A template that goes changes this list, which is all that tells of it.
    file(CONFIGURE OUTPUT ${output}.list CONTENT "${templates}\n")
    # The stamp says when the command ran; what it wrote then may be less.
    add_custom_command(
        OUTPUT ${output}.stamp
        BYPRODUCTS ${output} ${units}
        COMMAND ${arg_PROGRAM} compile ${views} -o ${output}
            --split ${folder} --symbol ${arg_SYMBOL} ${arg_OPTIONS}
        COMMAND ${CMAKE_COMMAND} -E touch ${output}.stamp
        DEPENDS ${arg_PROGRAM} ${templates} ${output}.list
        COMMENT "Compiling the views of ${target}"
        VERBATIM)
    add_custom_target(${target}-${arg_SYMBOL} DEPENDS ${output}.stamp)
    add_dependencies(${target} ${target}-${arg_SYMBOL})
    target_sources(${target} PRIVATE ${output} ${units})
    target_link_libraries(${target} PRIVATE mvcgen::ejs)
endfunction()
