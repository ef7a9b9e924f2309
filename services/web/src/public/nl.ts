export const nl = {
  title: 'Schone straten, zonder omwegen',
  lead: 'Sensoren meten hoe vol afvalbakken en containers zijn. Ronde voorspelt wanneer ze vol raken en plant de rondes van de reiniging: wel waar het nodig is, niet waar het niet nodig is.',
  measureTitle: 'Wat wordt gemeten',
  measureFill: 'De vulgraad: een sensor onder het deksel meet de afstand tot het afval.',
  measureHealth: 'De staat van de sensor zelf: batterij, bereik, kanteling en temperatuur.',
  measureNot:
    'Geen beelden, geen geluid van mensen, geen telefoons. Er zijn geen persoonsgegevens nodig en ze worden niet verzameld.',
  whyTitle: 'Waarom',
  whyFull: 'Minder volle bakken: een bak die bijna vol is, komt vandaag in een ronde.',
  whyKm: 'Minder kilometers: een halflege bak kan wachten.',
  whyHonest: 'Uitlegbaar: bij elke stop staat in gewone woorden waarom, en hoe zeker de voorspelling is.',
  crewTitle: 'Mensen hebben het laatste woord',
  crewText:
    'De ploeg ziet de ronde op een tablet, kan overslaan met een reden en meldt wat de sensor niet ziet. Posities van medewerkers worden niet gevolgd.',
  linksTitle: 'Verder',
  linkOps: 'Bedieningscentrum',
  linkOpsText: 'Kaart, vulgraden, rondes en meldingen. Aanmelden nodig.',
  linkCrew: 'Ploegtablet',
  linkCrewText: 'De ronde van vandaag, ook zonder bereik. Aanmelden nodig.',
  linkDocs: 'Open koppelvlak',
  linkDocsText: 'De API met alle velden, voor wie wil aansluiten.',
} as const;
