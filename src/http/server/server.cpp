#include "http/server/server.hpp"
