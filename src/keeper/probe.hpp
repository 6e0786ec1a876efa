#pragma once

namespace drukbox::keeper {

/// Becomes the command as the user that a sandbox would have. Arguments: UID (0: as it is), command.
int probe(char** arguments);

} // namespace drukbox::keeper
