# find_package(s3stream) gives s3stream::s3stream (shared) and, where the static library was
# installed, s3stream::static.
#
# It looks beside itself, so that a prefix may be moved: PREFIX/share/cmake/s3stream.
get_filename_component(_s3stream_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

find_path(s3stream_INCLUDE_DIR s3stream.h
    PATHS "${_s3stream_prefix}/include" NO_DEFAULT_PATH)
find_library(s3stream_LIBRARY NAMES libs3stream.so libs3stream.dylib
    PATHS "${_s3stream_prefix}/lib" "${_s3stream_prefix}/lib64"
          "${_s3stream_prefix}/lib/${CMAKE_LIBRARY_ARCHITECTURE}" NO_DEFAULT_PATH)
find_library(s3stream_STATIC_LIBRARY NAMES libs3stream.a
    PATHS "${_s3stream_prefix}/lib" "${_s3stream_prefix}/lib64"
          "${_s3stream_prefix}/lib/${CMAKE_LIBRARY_ARCHITECTURE}" NO_DEFAULT_PATH)
mark_as_advanced(s3stream_INCLUDE_DIR s3stream_LIBRARY s3stream_STATIC_LIBRARY)

if(s3stream_LIBRARY AND NOT TARGET s3stream::s3stream)
    add_library(s3stream::s3stream SHARED IMPORTED)
    set_target_properties(s3stream::s3stream PROPERTIES
        IMPORTED_LOCATION "${s3stream_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${s3stream_INCLUDE_DIR}")
endif()
if(s3stream_STATIC_LIBRARY AND NOT TARGET s3stream::static)
    find_package(Threads REQUIRED)
    add_library(s3stream::static STATIC IMPORTED)
    set_target_properties(s3stream::static PROPERTIES
        IMPORTED_LOCATION "${s3stream_STATIC_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${s3stream_INCLUDE_DIR}"
        INTERFACE_LINK_LIBRARIES "Threads::Threads;${CMAKE_DL_LIBS};m;gcc_s")
endif()

# One of the two is enough; where there is only the static one, s3stream::s3stream is that.
if(s3stream_STATIC_LIBRARY AND NOT TARGET s3stream::s3stream)
    add_library(s3stream::s3stream INTERFACE IMPORTED)
    set_target_properties(s3stream::s3stream PROPERTIES INTERFACE_LINK_LIBRARIES s3stream::static)
endif()

if(NOT s3stream_INCLUDE_DIR OR (NOT s3stream_LIBRARY AND NOT s3stream_STATIC_LIBRARY))
    set(s3stream_FOUND FALSE)
    set(s3stream_NOT_FOUND_MESSAGE "s3stream is not installed under ${_s3stream_prefix}")
endif()
unset(_s3stream_prefix)
