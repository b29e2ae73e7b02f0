package dev.agentlab.dialects;

import dev.agentlab.memory.MemoryBudget;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// How requests and responses pass between a client and a provider that speak the same API: as the
/// bytes that they are, read only for what the service needs to know.
interface PassThrough {
  /// The request for the provider.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if the provider does not accept it
  ProviderRequest request(ModelRequest request);

  /// Reads a complete response without a tree.
  ///
  /// @return empty if it may report an error, or is not valid
  Optional<CompleteAnswer> scan(Operation operation, byte[] body);

  /// Reads a complete response.
  ///
  /// @param json the parsed body, which reports no error
  /// @throws ProviderErrorException if it is not valid
  CompleteAnswer read(Operation operation, JsonNode json, byte[] body);

  /// Header fields, and others that replace those with the same name.
  static Map<String, String> headers(Map<String, String> first, Map<String, String> over) {
    if (first.isEmpty() || over.isEmpty()) {
      return first.isEmpty() ? over : first;
    }
    Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    all.putAll(first);
    over.forEach((name, value) -> {
      all.remove(name);
      all.put(name, value);
    });
    return all;
  }

  /// Creates the reader of a stream.
  ///
  /// @param memory accounts for the memory of the reader
  StreamReader stream(ExpectedStream expected, MemoryBudget.Reservation memory);
}
