#pragma once

namespace drukbox::keeper {

/// Runs bwrap as the user that a sandbox would have. Arguments: the text of a configuration, bwrap's.
int probe(char** arguments);

} // namespace drukbox::keeper
