/// The configuration: settings, each declared once, read from defaults, files and the environment,
/// and validated as a whole.
@NullMarked
package dev.agentlab.config;

import org.jspecify.annotations.NullMarked;
