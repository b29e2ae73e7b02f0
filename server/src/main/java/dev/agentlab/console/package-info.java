/// The static files of the web console and of the documentation.
@NullMarked
package dev.agentlab.console;

import org.jspecify.annotations.NullMarked;
