package dev.agentlab.providers;

import dev.agentlab.listing.PageWindow;
import java.util.UUID;

/// Tells who uses a provider. The registry does not know: whoever puts the domains together does.
@FunctionalInterface
public interface ProviderDependents {
  /// Who uses it, in the order of their names.
  ///
  /// @param window which of them
  Dependents of(UUID provider, PageWindow window);
}
