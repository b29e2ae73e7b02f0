/// The configuration, formats and output of the log. Other packages log through SLF4J only.
@NullMarked
package dev.agentlab.logging;

import org.jspecify.annotations.NullMarked;
