package dev.agentlab.kinds;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.agentlab.json.SchemaDescription;
import java.util.List;
import java.util.Optional;

/// A model that a provider can run, with what the provider's list says about it.
///
/// @param id the value of `model` in requests
/// @param displayName the name for people; empty if it is the id
/// @param contextLength the maximum number of tokens of the input, or of input and output together,
///   as the provider counts
/// @param maxOutputTokens the maximum number of tokens of a response
/// @param inputModalities in lower case, such as `text` and `image`
/// @param outputModalities as the input modalities
/// @param ownedBy the owner or vendor
/// @param created the time of creation or release, in seconds since 1970
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Model(
    @SchemaDescription("The value of `model` in requests.") String id,
    Optional<String> displayName,
    @SchemaDescription(
            "The maximum number of tokens of the input, or of input and output together, as the"
                + " provider counts.")
        Optional<Long> contextLength,
    @SchemaDescription("The maximum number of tokens of a response.")
        Optional<Long> maxOutputTokens,
    @SchemaDescription("In lower case, such as `text` and `image`.")
        Optional<List<String>> inputModalities,
    Optional<List<String>> outputModalities,
    Optional<String> ownedBy,
    @SchemaDescription("The time of creation or release, in seconds since 1970.")
        Optional<Long> created) {
  public Model {
    inputModalities = inputModalities.map(List::copyOf);
    outputModalities = outputModalities.map(List::copyOf);
  }

  /// A model of which only the id is known.
  public Model(String id) {
    this(
        id,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
