#pragma once

namespace drukbox::guest {

/// The sandbox's PID 1. Arguments: the descriptors of the channel that brings connections and of the pipe
/// that takes one byte when it is up, the most processes and the most bytes of data a process may have
/// (0: no limit), then the command that serves one connection on its standard input and output.
/// Returns when the keeper is gone, and everything inside ends with it.
int run_acceptor(char** arguments);

} // namespace drukbox::guest
