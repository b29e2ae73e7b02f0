/// What the configurations of registered resources share: reading members by type, the names of
/// models, and request options, which are stored in plaintext.
@NullMarked
package dev.agentlab.resources;

import org.jspecify.annotations.NullMarked;
