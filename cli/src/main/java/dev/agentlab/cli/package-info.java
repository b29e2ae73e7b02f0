/// The command line: each command a class that reads its flags, asks the service or the machine,
/// and prints the answer for people or as JSON.
@NullMarked
package dev.agentlab.cli;

import org.jspecify.annotations.NullMarked;
