#pragma once

/// Marks what the library exports: everything else in it is hidden.
#if defined(_WIN32)
#error "drukbox is built for POSIX systems"
#endif
#define DRUKBOX_API __attribute__((visibility("default")))
