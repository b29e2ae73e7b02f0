/// Secrets as a type, so that one cannot be printed or sent by accident.
@NullMarked
package dev.agentlab.secrets;

import org.jspecify.annotations.NullMarked;
