import { defineMessages } from '../shared/i18n/messages.ts';
import { startPage } from '../shared/start-page.tsx';
import { BandShape } from '../shared/ui/fill-badge.tsx';
import { SkipLink } from '../shared/ui/skip-link.tsx';
import { LanguageSwitch, ThemeSwitch } from '../shared/ui/switches.tsx';
import { bandName } from '../shared/i18n/shared-text.ts';
import { en } from './en.ts';
import { nl } from './nl.ts';
import './public.css';

const t = defineMessages(nl, en);

/** The public page: what Ronde measures and why, without sign-in, cookies or requests to others. */
function PublicPage() {
  return (
    <>
      <SkipLink />
      <header class="public-bar">
        <strong>Ronde</strong>
        <div class="public-bar__switches">
          <LanguageSwitch />
          <ThemeSwitch />
        </div>
      </header>
      <main id="content" class="public" tabIndex={-1}>
        <section class="public__lead">
          <h1>{t('title')}</h1>
          <p>{t('lead')}</p>
          <ul class="public__bands">
            {(['low', 'medium', 'high', 'full'] as const).map((band) => (
              <li key={band}>
                <BandShape band={band} size={28} />
                {bandName(band)}
              </li>
            ))}
          </ul>
        </section>
        <Points title={t('measureTitle')} points={[t('measureFill'), t('measureHealth'), t('measureNot')]} />
        <Points title={t('whyTitle')} points={[t('whyFull'), t('whyKm'), t('whyHonest')]} />
        <Points title={t('crewTitle')} points={[t('crewText')]} />
        <nav aria-labelledby="links" class="public__section">
          <h2 id="links">{t('linksTitle')}</h2>
          <ul class="public__links">
            <Link href="/ops" name={t('linkOps')} text={t('linkOpsText')} />
            <Link href="/crew" name={t('linkCrew')} text={t('linkCrewText')} />
            <Link href="/docs" name={t('linkDocs')} text={t('linkDocsText')} />
          </ul>
        </nav>
      </main>
    </>
  );
}

function Points({ title, points }: { title: string; points: string[] }) {
  return (
    <section class="public__section">
      <h2>{title}</h2>
      <ul class="public__points">
        {points.map((point) => (
          <li key={point}>{point}</li>
        ))}
      </ul>
    </section>
  );
}

function Link({ href, name, text }: { href: string; name: string; text: string }) {
  return (
    <li>
      <a href={href}>{name}</a>
      <span class="soft">{text}</span>
    </li>
  );
}

startPage(() => <PublicPage />);
