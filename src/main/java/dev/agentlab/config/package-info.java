/// The configuration: every key declared once, layered from defaults, files and the environment,
/// checked as a whole before anything starts.
@NullMarked
package dev.agentlab.config;

import org.jspecify.annotations.NullMarked;
