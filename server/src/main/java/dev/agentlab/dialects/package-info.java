/// The formats of clients and of the providers' APIs: one [Dialect] for each API. Readers and
/// writers of each format meet in the neutral model of `dev.agentlab.conversation`. Pure
/// computation; the package performs no I/O.
@NullMarked
package dev.agentlab.dialects;

import org.jspecify.annotations.NullMarked;
