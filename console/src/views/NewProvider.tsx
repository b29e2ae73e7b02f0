import { useLocation } from 'preact-iso'
import { Empty, Forbidden, Loaded } from '../components/states'
import { ButtonLink, Page } from '../components/ui'
import { useScopes } from '../session'
import '../styles/providers.css'
import { useUrlFilters } from '../url'
import { useKinds } from './providers/data'
import { newProvider, ProviderForm } from './providers/ProviderForm'

/** Adds a provider: first its kind, then its settings. */
export default function NewProvider() {
  const { route } = useLocation()
  const [{ kind: selected }] = useUrlFilters()
  const may = useScopes()
  const kinds = useKinds()
  if (!may('providers:write')) {
    return (
      <Page title="New provider" back={{ href: '/providers', label: 'Providers' }}>
        <Forbidden scope="providers:write" />
      </Page>
    )
  }
  const title = kinds.value?.find((it) => it.name === selected)?.title
  return (
    <Page
      title={title ? `New provider: ${title}` : 'New provider'}
      back={selected ? { href: '/providers/new', label: 'Other kinds' } : { href: '/providers', label: 'Providers' }}
      lead={selected ? undefined : 'Which API does it have?'}
    >
      <Loaded query={kinds}>
        {(all) => {
          if (!selected) return <Kinds kinds={all} />
          const kind = all.find((it) => it.name === selected)
          if (!kind) {
            return (
              <Empty icon="search" title={`There is no kind named ${selected}`}>
                <ButtonLink href="/providers/new">Choose a kind</ButtonLink>
              </Empty>
            )
          }
          return (
            <>
              <p class="lead">{kind.description}</p>
              <ProviderForm
                key={kind.name}
                kind={kind}
                suggestedName={kind.name}
                onSaved={(saved) => {
                  newProvider.announce(saved)
                  route(`/providers/${saved.value.id}`)
                }}
              />
            </>
          )
        }}
      </Loaded>
    </Page>
  )
}

function Kinds(props: { kinds: { name: string; title: string; description: string }[] }) {
  return (
    <ul class="cards kinds">
      {props.kinds.map((kind) => (
        <li key={kind.name}>
          <a class="card" href={`/providers/new?kind=${encodeURIComponent(kind.name)}`}>
            <h2>{kind.title}</h2>
            <p class="muted">{kind.description}</p>
          </a>
        </li>
      ))}
    </ul>
  )
}
