# How every target of this project is compiled; not installed.

if(NOT MVCGEN_SANITIZE MATCHES "^(|address|thread)$")
    message(FATAL_ERROR "MVCGEN_SANITIZE is '${MVCGEN_SANITIZE}', "
        "expected address, thread or nothing")
endif()

# The warnings a target is compiled with; errors when MVCGEN_WERROR says so.
function(mvcgen_warnings target)
    target_compile_options(${target} PRIVATE
        -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
        -Wpointer-arith -Wwrite-strings -Wvla
        $<$<BOOL:${MVCGEN_WERROR}>:-Werror>)
endfunction()

# What the sanitizers and the optimiser need, in compiling and in linking.
function(mvcgen_flags target)
    # JavaScript rounds after every operation; fused ones would not.
    target_compile_options(${target} PRIVATE -ffp-contract=off)
    set(flags)
    if(MVCGEN_SANITIZE STREQUAL address)
        set(flags -fsanitize=address,undefined -fno-sanitize-recover=all
            -fno-omit-frame-pointer)
    elseif(MVCGEN_SANITIZE STREQUAL thread)
        set(flags -fsanitize=thread -fno-omit-frame-pointer)
    endif()
    target_compile_options(${target} PRIVATE ${flags})
    # Who links a sanitized archive needs the runtime as well.
    target_link_options(${target} PUBLIC ${flags})
endfunction()

# Optimisation across files, of a library and of programs that ask for it with
# INTERPROCEDURAL_OPTIMIZATION.  The objects are fat: others link their machine
# code at once, where optimising all of it again takes half a minute.
set(MVCGEN_USE_LTO OFF)
if(MVCGEN_LTO AND CMAKE_C_COMPILER_ID STREQUAL GNU
        AND CMAKE_BUILD_TYPE STREQUAL Release AND NOT MVCGEN_SANITIZE)
    set(MVCGEN_USE_LTO ON)
endif()

function(mvcgen_library_lto target)
    if(MVCGEN_USE_LTO)
        target_compile_options(${target} PRIVATE -flto=auto -ffat-lto-objects)
        target_link_options(${target}
            PRIVATE -flto=auto
            INTERFACE
            $<$<NOT:$<BOOL:$<TARGET_PROPERTY:INTERPROCEDURAL_OPTIMIZATION>>>:-fno-lto>)
    endif()
endfunction()

# A target of ours: warnings, flags, and includes rooted at engine/.
function(mvcgen_target target)
    mvcgen_warnings(${target})
    mvcgen_flags(${target})
    # Empty, so that a file which defines it itself says the same.
    target_compile_definitions(${target} PRIVATE _GNU_SOURCE=)
    target_include_directories(${target} PRIVATE
        ${PROJECT_SOURCE_DIR}/engine ${PROJECT_SOURCE_DIR}/engine/include)
endfunction()
