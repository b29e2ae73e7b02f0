/// A provider that answers without a model, so that all else can be tried without a key, and
/// failures rehearsed: the same request gets the same answer. Nothing leaves the process.
@NullMarked
package dev.agentlab.simulation;

import org.jspecify.annotations.NullMarked;
