package dev.agentlab.conversation;

import java.util.Optional;

/// What an element of a request has beyond its own fields.
///
/// @param cacheMarker the mark that the cached part of the request ends with this element
/// @param unread the members without a neutral form
public record Extensions(Optional<CacheMarker> cacheMarker, UnreadMembers unread) {
  /// No extensions.
  public static final Extensions NONE = new Extensions(Optional.empty(), UnreadMembers.NONE);
}
