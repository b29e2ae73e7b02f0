@NullMarked
package dev.agentlab.jsonschema;

import org.jspecify.annotations.NullMarked;
