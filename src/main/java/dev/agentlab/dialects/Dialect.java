package dev.agentlab.dialects;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.memory.MemoryBudget;
import java.time.Instant;

/// One provider API's way to say what the canonical dialect says. Stateless and safe for all
/// threads.
///
/// What is not known passes through where the other side has room for it. What cannot be said is
/// refused or named in [ProviderRequest#warnings], never dropped in silence.
public interface Dialect {

  /// The request in this dialect.
  ///
  /// @throws InvalidInputException if it asks for what the API cannot do; names the member
  ProviderRequest write(ModelRequest request);

  /// The canonical form of a whole answer to a request that did not stream.
  ///
  /// @param body of an answer with status 200
  /// @param at when it came
  /// @throws ProviderFault if the body says that the call failed, or is no answer at all
  CompleteAnswer answer(ModelRequest request, byte[] body, Instant at);

  /// A reader for the one stream that answers a request.
  ///
  /// @param expected what the request asked for
  /// @param at when it began
  /// @param memory counts what the reader holds; closed by the one who opened it
  StreamReader stream(ExpectedStream expected, Instant at, MemoryBudget.Reservation memory);
}
