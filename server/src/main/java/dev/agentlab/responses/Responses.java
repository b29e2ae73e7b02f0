package dev.agentlab.responses;

import dev.agentlab.database.Database;
import dev.agentlab.security.Caller;
import dev.agentlab.vault.Vault;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/// The kept responses of all callers. A caller finds only its own. Safe for all threads; all
/// methods block, and throw [dev.agentlab.errors.UnavailableException] if the database is
/// unavailable.
///
/// A method that reads contents passes their size in bytes to a `reserve` before, which may throw.
public interface Responses {

  /// The responses in a database.
  static Responses of(Database database, Vault vault, RetentionLimits limits) {
    return new PostgresResponses(database, vault, limits);
  }

  /// How many responses are kept, and how long.
  RetentionLimits limits();

  /// Keeps a response for its caller.
  void save(Caller caller, StoredResponse response);

  /// Finds a response of a caller; empty if it does not exist or has expired.
  ///
  /// @throws dev.agentlab.errors.UnreadableSecretException if its content cannot be decrypted
  Optional<StoredResponse> find(Caller caller, String id, LongConsumer reserve);

  /// Finds responses of a caller, by id; those that do not exist or have expired are missing.
  ///
  /// @throws dev.agentlab.errors.UnreadableSecretException if the content of one cannot be
  ///   decrypted
  /// @throws dev.agentlab.errors.InvalidInputException if they are too large together
  Map<String, StoredResponse> find(Caller caller, Collection<String> ids, LongConsumer reserve);

  /// Finds a response and those that it continues, the oldest first; empty if there is none. One
  /// that a provider keeps is the first, because the provider has those before. The first one of an
  /// incomplete conversation continues one that is missing.
  ///
  /// @throws dev.agentlab.errors.UnreadableSecretException if the content of one cannot be
  ///   decrypted
  /// @throws dev.agentlab.errors.InvalidInputException if the conversation is too large or too long
  List<StoredResponse> findConversation(Caller caller, String id, LongConsumer reserve);

  /// Deletes a response of a caller.
  ///
  /// @return false if there is none
  boolean delete(Caller caller, String id);

  /// Deletes what has expired, the oldest kept responses of callers that have too many, and the
  /// data keys of callers that have none.
  ///
  /// @return the number of deleted responses
  int sweep();
}
