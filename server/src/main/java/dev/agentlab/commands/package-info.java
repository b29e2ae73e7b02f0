/// The commands that need the code of the service: `serve`, `migrate`, `config`, `doctor` and `key
/// reset-admin`.
@NullMarked
package dev.agentlab.commands;

import org.jspecify.annotations.NullMarked;
